package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/omninode-ai/onex/fault"
)

var errMissing = fault.New("ONEX_CORE_085_RESOURCE_NOT_FOUND", fault.NotFound, "no such thing").Hinted("look again")

func TestErrorNamesTheThingAndKeepsItsKind(t *testing.T) {
	cause := fs.ErrNotExist
	err := fmt.Errorf("outer: %w", errMissing.Wrap(cause, "%q", "x").Detail("name", "x"))

	if got, want := err.Error(), `outer: no such thing: "x": file does not exist`; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	for _, target := range []error{errMissing, errMissing.With("other"), cause} {
		if !errors.Is(err, target) {
			t.Errorf("errors.Is(err, %v) = false", target)
		}
	}
	other := fault.New("ONEX_CORE_084_UNSUPPORTED_OPERATION", fault.Unsupported, "no")
	if errors.Is(err, other) {
		t.Error("errors.Is matches a kind with another code")
	}
	if !errors.Is(errMissing, errMissing.With("x")) {
		t.Error("a kind does not match an error made from it")
	}
}

func TestReportSurvivesTheWire(t *testing.T) {
	sent := fault.ReportOf(errMissing.With("%q", "x").Detail("name", "x").Hinted("try %s", "y"))
	wire, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"code":"ONEX_CORE_085_RESOURCE_NOT_FOUND","class":"not_found","message":"no such thing: \"x\"","details":{"name":"x"},"hint":"try y"}`
	if got := string(wire); got != want {
		t.Errorf("wire form\n got %s\nwant %s", got, want)
	}
	var received fault.Report
	if err := json.Unmarshal(wire, &received); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(received.Err(), errMissing) {
		t.Error("a received error does not match the variable it was made from")
	}
	if diff := cmp.Diff(sent, fault.ReportOf(received.Err())); diff != "" {
		t.Errorf("report changed by a round trip (-sent +received):\n%s", diff)
	}
}

func TestReportOfErrorsWithoutACode(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want fault.Report
	}{
		{nil, fault.Report{}},
		{errors.New("boom"), fault.Report{Code: fault.ErrUncoded.Code, Class: fault.Internal, Message: "boom"}},
		{errMissing, fault.Report{Code: errMissing.Code, Class: fault.NotFound, Message: "no such thing", Hint: "look again"}},
		{fs.ErrPermission, fault.Report{Code: fault.ErrUncoded.Code, Class: fault.Denied, Message: "permission denied"}},
	} {
		if diff := cmp.Diff(tt.want, fault.ReportOf(tt.err)); diff != "" {
			t.Errorf("ReportOf(%v) (-want +got):\n%s", tt.err, diff)
		}
	}
	if err := (fault.Report{}).Err(); err != nil {
		t.Errorf("the zero report is the error %v", err)
	}
	odd := fault.Report{Code: "ONEX_NEW_001_X", Class: "from_the_future", Message: "m"}
	if got := fault.ClassOf(odd.Err()); got != fault.Internal {
		t.Errorf("class of an unknown class = %q", got)
	}
}

func TestClassOf(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want fault.Class
	}{
		{nil, ""},
		{errMissing, fault.NotFound},
		{errMissing.With("x"), fault.NotFound},
		{fmt.Errorf("w: %w", context.Canceled), fault.Canceled},
		{context.DeadlineExceeded, fault.Timeout},
		{fs.ErrExist, fault.Exists},
		{fs.ErrNotExist, fault.NotFound},
		{errors.New("?"), fault.Internal},
	} {
		if got := fault.ClassOf(tt.err); got != tt.want {
			t.Errorf("ClassOf(%v) = %q, want %q", tt.err, got, tt.want)
		}
	}
}

func TestEveryClassHasItsPlaceInTheTables(t *testing.T) {
	want := map[fault.Class]int{
		fault.Invalid: 400, fault.NotFound: 404, fault.Exists: 409, fault.Conflict: 409, fault.Denied: 403,
		fault.Exhausted: 429, fault.Unavailable: 503, fault.Timeout: 504, fault.Canceled: 499,
		fault.Unsupported: 501, fault.Corrupt: 500, fault.Internal: 500,
	}
	for _, c := range fault.Classes() {
		if got := c.HTTPStatus(); got != want[c] {
			t.Errorf("%s: HTTP status %d, want %d", c, got, want[c])
		}
	}
	for c, retry := range map[fault.Class]bool{fault.Unavailable: true, fault.Timeout: true, fault.Exhausted: true, fault.Invalid: false, fault.Corrupt: false} {
		if c.Retryable() != retry {
			t.Errorf("%s: Retryable() = %t", c, !retry)
		}
	}
}

func TestNewRefusesMalformedDeclarations(t *testing.T) {
	for _, tt := range []struct {
		code  fault.Code
		class fault.Class
		text  string
	}{
		{"ONEX_BUS_1_CLOSED", fault.Invalid, "x"},
		{"BUS_001_CLOSED", fault.Invalid, "x"},
		{"ONEX_BUS_001_closed", fault.Invalid, "x"},
		{"ONEX_BUS_001_CLOSED", "other", "x"},
		{"ONEX_BUS_001_CLOSED", fault.Invalid, ""},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New(%q, %q, %q) did not panic", tt.code, tt.class, tt.text)
				}
			}()
			fault.New(tt.code, tt.class, tt.text)
		}()
	}
}

func ExampleKind_With() {
	var errBusy = fault.New("ONEX_CORE_087_RESOURCE_EXHAUSTED", fault.Exhausted, "too many calls")
	err := errBusy.With("tool %q, limit %d", "greet", 8)
	fmt.Println(err)
	fmt.Println(fault.ReportOf(err).Code)
	// Output:
	// too many calls: tool "greet", limit 8
	// ONEX_CORE_087_RESOURCE_EXHAUSTED
}
