package errorcode

import "fault"

var ErrGood = fault.New("ONEX_TEST_001_GOOD", "invalid", "good").Hinted("do")

var errInside = fault.New("ONEX_TEST_002_INSIDE", "invalid", "not exported")

var Closed = fault.New("ONEX_TEST_003_CLOSED", "invalid", "closed") // want `its name begins with Err`

var ErrForm = fault.New("onex-4", "invalid", "form") // want `the code of ErrForm is not a literal`

const named = "ONEX_TEST_005_NAMED"

var ErrNamed = fault.New(named, "invalid", "the catalogue cannot read it") // want `the code of ErrNamed is not a literal`

func f() error2 {
	return fault.New("ONEX_TEST_006_LATE", "invalid", "late") // want `made inside a function`
}

type error2 interface{ Hinted(string) *fault.Error }
