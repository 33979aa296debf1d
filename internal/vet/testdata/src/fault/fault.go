package fault

type Error struct{}

func New(code, class, text string) *Error { return &Error{} }

func (e *Error) Hinted(string) *Error { return e }
