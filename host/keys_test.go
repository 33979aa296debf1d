package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/omninode-ai/onex/node"
)

// remember runs a call of a key to its end, and reports whether it was new.
func remember(t *testing.T, k *keys, key, args string, now time.Time, o Outcome) bool {
	t.Helper()
	c, begin, err := k.join(request{args: json.RawMessage(args), key: key}, now)
	if err != nil {
		t.Fatal(err)
	}
	if begin {
		k.complete(key, c, o, now)
	}
	return begin
}

func TestKeysAreForgottenByNumberSizeAndAge(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	done := Outcome{Status: node.Success}

	k := newKeys()
	for i := range KeysKept + 1 {
		if !remember(t, k, fmt.Sprint(i), "{}", now, done) {
			t.Fatalf("key %d was known", i)
		}
	}
	if remember(t, k, "1", "{}", now, done) {
		t.Error("a key within the number was forgotten")
	}
	if !remember(t, k, "0", "{}", now, done) {
		t.Error("the oldest key beyond the number is still known")
	}

	k = newKeys()
	large := Outcome{Status: node.Success, Result: make(json.RawMessage, KeysBytes/2+1)}
	remember(t, k, "a", "{}", now, large)
	remember(t, k, "b", "{}", now, large)
	if remember(t, k, "b", "{}", now, large) {
		t.Error("the newest key was forgotten for its size")
	}
	if !remember(t, k, "a", "{}", now, done) {
		t.Error("the older of two large ones is still known")
	}

	k = newKeys()
	remember(t, k, "a", "{}", now, done)
	if remember(t, k, "a", "{}", now.Add(KeysFor-1), done) {
		t.Error("a key was forgotten before its time")
	}
	if !remember(t, k, "a", "{}", now.Add(KeysFor), done) {
		t.Error("a key is known after its time")
	}
}

func TestARejectedCallLeavesItsKeyFree(t *testing.T) {
	k := newKeys()
	for range 2 {
		if !remember(t, k, "a", "{}", time.Now(), Outcome{Rejected: true}) {
			t.Error("a call that was not run is remembered")
		}
	}
	if len(k.calls) != 0 || k.bytes != 0 {
		t.Errorf("%d calls and %d bytes are left", len(k.calls), k.bytes)
	}
}

func TestKeysThatRunAreBounded(t *testing.T) {
	k := newKeys()
	for i := range KeysKept {
		if _, _, err := k.join(request{key: fmt.Sprint(i)}, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := k.join(request{key: "one more"}, time.Now()); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
}
