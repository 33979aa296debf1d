package p

import "fmt"

func check(n int) error {
	fmt.Println("x")
	_ = fmt.Sprint(n)
	errors.New("another package of that name")
	return fmt.Errorf("negative: %d", n)
}
