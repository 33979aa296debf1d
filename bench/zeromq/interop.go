package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/omninode-ai/onex/internal/zmtp/interop"
)

// cellTime bounds one cell: at a thousandth of the usual rate a million messages
// would still come.
const cellTime = time.Hour

// meet runs the cells of the matrix with count messages and prints a row for
// each. Those whose name does not contain only, and those that are done, are left
// out.
func meet(ctx context.Context, dir string, count int, only, doneFile string) error {
	peers, err := interop.Find(ctx, dir)
	if err != nil {
		return err
	}
	before, err := os.ReadFile(doneFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	fmt.Printf("\n| cell: peer, transport, mechanism, we, we, heartbeats of the peer | sent | missing | out of order | damaged | messages/s |\n|---|---|---|---|---|---|\n%s", before)
	bad := 0
	for _, m := range interop.Matrix() {
		if !strings.Contains(m.String(), only) || strings.Contains(string(before), m.String()+" ") {
			continue
		}
		row, ok := cell(ctx, m, peers, count)
		fmt.Print(row)
		if !ok {
			bad++
			continue
		}
		if err := remember(doneFile, row); err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d cells not shown", bad)
	}
	return nil
}

func cell(ctx context.Context, m interop.Meeting, peers interop.Peers, count int) (row string, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, cellTime)
	defer cancel()
	r, err := m.Run(ctx, peers, count)
	if err != nil {
		return fmt.Sprintf("%s: not shown: %v\n", m, err), false
	}
	row = fmt.Sprintf("| %s | %d | %d | %d | %d | %.0f |\n", m, count, count-r.Count, r.Disordered, r.Damaged, float64(r.Count)/r.Took.Seconds())
	return row, r.Count == count && r.Disordered+r.Damaged == 0
}

func remember(name, row string) error {
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(row)
	return errors.Join(err, f.Close())
}
