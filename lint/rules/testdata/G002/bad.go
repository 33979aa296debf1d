package p

func all(files []file) {
	for _, f := range files {
		defer f.Close() // want "deferred in a loop"
	}
	for {
		if x() {
			mu.Lock()
			defer mu.Unlock() // want "deferred in a loop"
		}
	}
}
