package noprocess

import (
	"fmt"
	"io"
	stdlog "log"
	"os"
)

func f(w io.Writer) {
	fmt.Fprintln(w, "x")
	fmt.Println("x")             // want `use of fmt.Println`
	fmt.Fprintln(os.Stderr, "x") // want `use of os.Stderr`
	stdlog.Fatal("x")            // want `use of log.Fatal`
	_ = os.Args                  // want `use of os.Args`
	os.Exit(1)                   // want `use of os.Exit`
	_ = os.Getenv("HOME")
	log := struct{ Fatal func() }{}
	log.Fatal()
}
