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
	defer f.Close()
	fmt.Fprintln(f, "text")
	return f.Close()
}

func synced(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprintln(f, "text")
	return f.Sync()
}

func read(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Read(nil)
	return err
}

func handed(name string, to *[]*os.File) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	kept := f
	*to = append(*to, kept)
	return nil
}

func setting(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString("1")
	return err
}
