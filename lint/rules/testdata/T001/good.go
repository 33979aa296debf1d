package p

func logf(format string, args ...any) {}

func Logf(format string, args ...any) {}

func inner(v any) any { return v }

type Set[T any] struct{ items []T }
