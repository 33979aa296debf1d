package p

import (
	"fmt"
	"io"
	"os"
)

func Load(w io.Writer) { fmt.Fprintln(w, os.Getenv("X")) }
