package audit

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	// MaxFile is the size after which the next file is begun: what an editor
	// still opens.
	MaxFile = 64 << 20

	// MaxFiles bounds the files kept: a gigabyte, some million calls.
	MaxFiles = 16

	extension = ".ndjson"
	lockName  = "lock"
)

// files returns the numbers of the files in dir, in order.
func files(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, ErrStore.Wrap(err, "%s", dir)
	}
	var numbers []int
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), extension)
		n, err := strconv.Atoi(digits)
		if ok && err == nil && n > 0 && nameOf(n) == e.Name() && e.Type()&fs.ModeType == 0 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func nameOf(n int) string { return fmt.Sprintf("%06d%s", n, extension) }

func pathOf(dir string, n int) string { return filepath.Join(dir, nameOf(n)) }
