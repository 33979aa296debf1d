package p

import (
	"fmt"
	"os"
)

func save(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close() // want "closing f"
	fmt.Fprintln(f, "text")
	return nil
}

func grow(name string) error {
	log, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close() // want "closing log"
	_, err = log.WriteString("text")
	return err
}
