package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/catalogue"
)

func TestEveryEntryIsComplete(t *testing.T) {
	all := catalogue.All()
	if len(all) == 0 {
		t.Fatal("the catalogue is empty")
	}
	if !slices.IsSortedFunc(all, func(a, b catalogue.Entry) int { return strings.Compare(string(a.Code), string(b.Code)) }) {
		t.Error("the entries are not sorted by code")
	}
	for _, e := range all {
		if !e.Code.Valid() || !e.Class.Valid() || e.Text == "" || e.Doc == "" || e.Go == "" {
			t.Errorf("incomplete: %+v", e)
		}
	}
}

func TestEntriesAreWhatIsDeclared(t *testing.T) {
	e, ok := catalogue.Find(string(fault.ErrUncoded.Code))
	if !ok || e.Class != fault.ErrUncoded.Class || e.Text != fault.ErrUncoded.Text || e.Hint != fault.ErrUncoded.Hint || e.Go != "fault.ErrUncoded" {
		t.Errorf("found %t, %+v; declared %+v", ok, e, fault.ErrUncoded)
	}
}

func TestFindIsLenient(t *testing.T) {
	const want = "ONEX_CORE_081_OPERATION_FAILED"
	for _, given := range []string{want, "ONEX_CORE_081", "onex_core_081", "core_081", "Onex-Core-081", " core-081-operation-failed\n"} {
		if e, ok := catalogue.Find(given); !ok || e.Code != want {
			t.Errorf("Find(%q) = %q, %t", given, e.Code, ok)
		}
	}
	for _, given := range []string{"", "ONEX_", "ONEX_CORE", "ONEX_CORE_08", "ONEX_CORE_999", "ONEX_CORE_081_OTHER", "081"} {
		if e, ok := catalogue.Find(given); ok {
			t.Errorf("Find(%q) = %q, want nothing", given, e.Code)
		}
	}
}

func TestShort(t *testing.T) {
	for code, want := range map[fault.Code]string{
		"ONEX_BUS_001_CLOSED":     "ONEX_BUS_001",
		"ONEX_NODE_REG_021_GONE":  "ONEX_NODE_REG_021",
		"ONEX_META_045_SHA_256_X": "ONEX_META_045",
	} {
		if got := (catalogue.Entry{Code: code}).Short(); got != want {
			t.Errorf("Short of %s = %s, want %s", code, got, want)
		}
	}
}
