package near_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/omninode-ai/onex/internal/near"
)

func TestWords(t *testing.T) {
	known := []string{"stamp_check", "stamp_files", "greet", "great", "write", "write"}
	tests := map[string][]string{
		"stamp_chek": {"stamp_check"},
		"stamp":      {"stamp_check", "stamp_files"},
		"gret":       {"great", "greet"},
		"wirte":      {"write"},
		"elephant":   {},
	}
	for word, want := range tests {
		if got := near.Words(word, known); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	long := strings.Repeat("x", 1000)
	tests := []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"runtim", "runtime", 1}, {"kitten", "sitting", 3}, {long, "x", 1000}}
	for _, tt := range tests {
		if got := near.Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%.10s, %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
