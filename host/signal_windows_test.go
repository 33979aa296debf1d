package host_test

import "os"

func alive(pid int) bool {
	_, err := os.FindProcess(pid)
	return err == nil
}

func kill(pid int) error {
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	return p.Kill()
}

// apart is for systems with process groups.
func apart(string) {}
