package p

func all(files []file) {
	for _, f := range files {
		func() {
			defer f.Close()
		}()
		go func() { defer f.Close() }()
		defer wg.Done()
	}
	for _, f := range files {
		if f.ok() {
			defer f.Close()
			return
		}
	}
	for {
		defer f.Close()
		break
	}
}
