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

func once(messages []message) {
	locked := false
	for _, m := range messages {
		if m.first() && !locked {
			mu.Lock()
			defer mu.Unlock()
			locked = true
		}
	}
}
