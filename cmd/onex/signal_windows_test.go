package main

import "errors"

// kill has no signals to send here.
func kill(int, string) error { return errors.ErrUnsupported }
