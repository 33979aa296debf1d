package p

import (
	"fmt"
	"os"
)

func Load() {
	fmt.Println("x") // want "fmt.Println belongs"
	os.Exit(1)       // want "os.Exit belongs"
}
