package zmtp

import (
	"bytes"
	"io"
	"testing"
)

// What every parser promises: any input gives an error or a value, never a
// panic, and never more memory than the limits say.

func FuzzGreeting(f *testing.F) {
	f.Add(greet("NULL", false))
	f.Add(greet("CURVE", true))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &wire{&reader{src: bytes.NewReader(data), limit: 100}, io.Discard}
		if _, err := w.greeting("NULL"); err == nil && !bytes.HasPrefix(data, []byte{0xff}) {
			t.Error("accepted without a signature")
		}
	})
}

func FuzzFrames(f *testing.F) {
	f.Add(appendMessage(nil, Message{[]byte("topic"), make([]byte, 300)}))
	f.Add(appendCommand(nil, cmdPing, []byte{0, 1}))
	f.Add([]byte{2, 0, 0, 32, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1000
		r := &reader{src: bytes.NewReader(data), limit: limit}
		var again []byte
		for {
			flags, body, err := r.next()
			if err != nil {
				break
			}
			if len(body) > limit {
				t.Fatalf("frame of %d bytes", len(body))
			}
			again = appendFrame(again, flags, body)
		}
		r = &reader{src: bytes.NewReader(again), limit: limit}
		for rest := again; len(rest) > 0; {
			flags, body, tail, ok := cutFrame(rest)
			flags2, body2, err := r.next()
			if !ok || err != nil || flags != flags2 || !bytes.Equal(body, body2) {
				t.Fatalf("written frames are read as flags %d, %d bytes, %v, %v", flags2, len(body2), ok, err)
			}
			rest = tail
		}
	})
}

func FuzzProperties(f *testing.F) {
	f.Add(properties{"socket-type": "SUB", "identity": ""}.appendTo(nil))
	f.Add([]byte("\x0bSocket-Type\x00\x00\x00\xffSUB"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseProperties(data)
		if err != nil {
			return
		}
		if q, err := parseProperties(p.appendTo(nil)); err != nil || len(q) != len(p) {
			t.Errorf("%v is read again as %v, %v", p, q, err)
		}
	})
}

func FuzzCommand(f *testing.F) {
	for _, c := range [][]byte{ping(1e9), errorCommand("400"), appendCommand(nil, cmdSubscribe, []byte("t"))} {
		f.Add(c[2:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		name, data, err := parseCommand(body)
		if err != nil {
			return
		}
		if len(name)+len(data)+1 != len(body) {
			t.Errorf("%d bytes become %q and %d bytes", len(body), name, len(data))
		}
		_, context, err := parsePing(data)
		if err == nil && len(context) > maxContext {
			t.Errorf("context of %d bytes", len(context))
		}
		_ = parseReason(data)
		_, _, _ = parseHello(data)
	})
}

func FuzzCurveMessage(f *testing.F) {
	a, _ := codecs(f)
	_, body, _, _ := cutFrame(a.seal(nil, appendFrame(nil, 0, []byte("hello"))))
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		_, b := codecs(t)
		if _, _, err := b.open(0, body); err == nil {
			t.Error("a message sealed with another key was opened")
		}
	})
}

// FuzzHandshake gives each side of each mechanism a peer that says anything.
func FuzzHandshake(f *testing.F) {
	keys, err := NewKeyPair()
	if err != nil {
		f.Fatal(err)
	}
	plain, err := PlainClient("user", "password")
	if err != nil {
		f.Fatal(err)
	}
	mechanisms := []Mechanism{Null(), plain, PlainServer(OneUser("user", "password")), CurveClient(keys, keys.Public), CurveServer(keys, nil)}
	ready := appendCommand(nil, cmdReady, properties{"socket-type": "SUB"}.appendTo(nil))
	hello := appendCommand(nil, cmdHello, appendName(appendName(nil, "user"), "password"))
	curve := curveClient{keys, keys.Public}
	f.Add(byte(0), ready)
	f.Add(byte(1), append(appendCommand(nil, cmdWelcome, nil), ready...))
	f.Add(byte(2), append(hello, appendCommand(nil, cmdInitiate, properties{"socket-type": "SUB"}.appendTo(nil))...))
	f.Add(byte(3), appendCommand(nil, cmdWelcome, make([]byte, welcomeSize)))
	f.Add(byte(4), append(appendCommand(nil, cmdHello, curve.hello(keys)), appendCommand(nil, cmdInitiate, make([]byte, 300))...))
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		m := mechanisms[int(which)%len(mechanisms)]
		me := party{kind: PUB}
		g := greeter{mechanism: m, first: &me, answer: func(p party) (party, error) {
			if !compatible(PUB, p.kind) {
				return party{}, ErrHandshake
			}
			return me, nil
		}}
		all := append(greet(m.name(), !m.server()), data...)
		s, err := handshake(&wire{&reader{src: bytes.NewReader(all), limit: 1 << 20}, io.Discard}, g)
		if err == nil && !compatible(PUB, s.peer.kind) {
			t.Errorf("accepted a peer of type %q", s.peer.kind)
		}
		if err == nil && m.name() == "CURVE" {
			t.Error("CURVE accepted a peer that cannot know the keys of this connection")
		}
	})
}
