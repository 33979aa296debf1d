package console_test

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/omninode-ai/onex/internal/console"
)

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var errs bytes.Buffer
		env := &console.Env{Err: &errs, TTY: true, Getenv: func(string) string { return "" }}
		p := env.Progress("reading")
		p.Set(1, 10)
		if errs.Len() > 0 {
			t.Errorf("at once: %q", &errs)
		}
		time.Sleep(time.Second)
		p.Set(5, 10)
		p.Set(6, 10) // too soon
		if got := errs.String(); got != "\rreading ["+strings.Repeat("#", 15)+strings.Repeat(".", 15)+"] 5/10" {
			t.Errorf("after a second: %q", got)
		}
		p.Done()
		p.Done()
		if !strings.HasSuffix(errs.String(), "\r\x1b[K") || strings.Count(errs.String(), "\x1b[K") != 1 {
			t.Errorf("at the end: %q", &errs)
		}
	})
}

func TestNoProgressWhereNobodyLooks(t *testing.T) {
	for name, env := range map[string]*console.Env{
		"piped":    {Getenv: func(string) string { return "" }},
		"CI":       {TTY: true, Getenv: func(k string) string { return map[string]string{"CI": "true"}[k] }},
		"NO_COLOR": {TTY: true, Getenv: func(k string) string { return map[string]string{"NO_COLOR": "1"}[k] }},
	} {
		p := env.Progress("x")
		if p != nil {
			t.Errorf("%s: a bar", name)
		}
		p.Set(1, 2)
		p.Done()
	}
}
