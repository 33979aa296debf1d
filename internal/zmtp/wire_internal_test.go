package zmtp

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestKeyVector is the test case of RFC 32.
func TestKeyVector(t *testing.T) {
	const text = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
	want, err := hex.DecodeString("8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7")
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParseKey(text)
	if err != nil || !bytes.Equal(k[:], want) {
		t.Errorf("ParseKey = %x, %v", k[:], err)
	}
	if got := k.String(); got != text {
		t.Errorf("String = %q", got)
	}
	for _, digit := range []byte{0, 0x7f, 0xff} { // to the largest number of five characters
		want := Key(bytes.Repeat([]byte{digit}, len(Key{})))
		if got, err := ParseKey(want.String()); got != want || err != nil {
			t.Errorf("ParseKey(%q) = %x, %v", want.String(), got[:], err)
		}
	}
	for _, bad := range []string{"", text[1:], text + "x", strings.Replace(text, "J", "~", 1), strings.Repeat("#", 40)} {
		if _, err := ParseKey(bad); !errors.Is(err, ErrUsage) {
			t.Errorf("ParseKey(%q): %v", bad, err)
		}
	}
}

func TestAKeyPairKeepsItsSecret(t *testing.T) {
	p, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		out.Reset()
		p.Format(nopState{&out}, rune(format[len(format)-1]))
		if strings.Contains(out.String(), p.Secret.String()) || !strings.Contains(out.String(), p.Public.String()) {
			t.Errorf("%s prints %s", format, out.String())
		}
	}
}

type nopState struct{ io.Writer }

func (nopState) Width() (int, bool)     { return 0, false }
func (nopState) Precision() (int, bool) { return 0, false }
func (nopState) Flag(int) bool          { return false }

// TestMessagesSurviveTheWire cuts the stream at every place that reads may.
func TestMessagesSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var wire []byte
		var want [][]byte
		for range rapid.IntRange(1, 20).Draw(t, "messages") {
			size := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 300_000)).Draw(t, "size")
			body := bytes.Repeat([]byte{byte(size)}, size)
			want = append(want, body)
			wire = appendFrame(wire, 0, body)
		}
		src := io.Reader(bytes.NewReader(wire))
		if rapid.Bool().Draw(t, "halves") {
			src = iotest.HalfReader(src)
		}
		r := &reader{src: src, limit: 1 << 20}
		var got [][]byte
		for {
			_, body, err := r.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, body)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(bytes.Equal)); diff != "" {
			t.Errorf("(-sent +received):\n%.500s", diff)
		}
	})
}

func TestATruncatedStreamIsAnError(t *testing.T) {
	wire := appendFrame(nil, 0, make([]byte, 300))
	for _, n := range []int{1, 8, 9, 100, len(wire) - 1} {
		r := &reader{src: bytes.NewReader(wire[:n]), limit: 1000}
		if _, _, err := r.next(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d of %d bytes: %v", n, len(wire), err)
		}
	}
}

// TestAnnouncedBytesAreNotAllocated announces the most that is allowed and sends
// nothing of it.
func TestAnnouncedBytesAreNotAllocated(t *testing.T) {
	wire := appendHeader(nil, 0, 16<<20)
	r := &reader{src: bytes.NewReader(wire), limit: 16 << 20}
	_, _, err := r.next()
	if !errors.Is(err, io.ErrUnexpectedEOF) || cap(r.buf) > 2*growStep {
		t.Errorf("%v with a buffer of %d bytes", err, cap(r.buf))
	}
}

func TestPropertiesSurviveTheWire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := properties(rapid.MapOfN(rapid.StringMatching(`[a-z-]{1,40}`), rapid.String(), 0, maxProperties).Draw(t, "properties"))
		got, err := parseProperties(want.appendTo(nil))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

// TestTopicsAreAMultiset compares the set of prefixes with a list.
func TestTopicsAreAMultiset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set topics
		model := map[string]int{}
		topic := rapid.StringMatching(`[ab]{0,3}`)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				s := topic.Draw(t, "topic")
				model[s]++
				if got := set.add(s); got != (model[s] == 1) {
					t.Errorf("add %q: new %v", s, got)
				}
			},
			"remove": func(t *rapid.T) {
				s := topic.Draw(t, "topic")
				known, last := set.remove(s)
				if known != (model[s] > 0) || last != (model[s] == 1) {
					t.Errorf("remove %q: known %v, last %v, had %d", s, known, last, model[s])
				}
				if model[s]--; model[s] <= 0 {
					delete(model, s)
				}
			},
			"": func(t *rapid.T) {
				key := rapid.StringMatching(`[ab]{0,5}`).Draw(t, "key")
				want := false
				for s := range model {
					want = want || strings.HasPrefix(key, s)
				}
				if got := set.match([]byte(key)); got != want || set.len() != len(model) {
					t.Errorf("match %q: %v, want %v; %d topics, want %d", key, got, want, set.len(), len(model))
				}
			},
		})
	})
}

// codecs returns both ends of a CURVE connection.
func codecs(t testing.TB) (a, b *curveCodec) {
	one, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	two, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	a = &curveCodec{shared: precompute(two.Public, one.Secret), sends: nonceClient, expects: nonceServer}
	b = &curveCodec{shared: precompute(one.Public, two.Secret), sends: nonceServer, expects: nonceClient}
	return a, b
}

func TestCurveRefusesWhatWasReplayedOrChanged(t *testing.T) {
	a, b := codecs(t)
	wire := a.seal(nil, appendMessage(nil, Message{[]byte("one"), []byte("two")}))
	_, first, rest, _ := cutFrame(wire)
	_, second, _, _ := cutFrame(rest)
	flags, plain, err := b.open(0, first)
	if err != nil || flags != flagMore || string(plain) != "one" {
		t.Fatalf("first: flags %d, %q, %v", flags, plain, err)
	}
	if _, _, err := b.open(0, first); !errors.Is(err, ErrProtocol) {
		t.Errorf("the first again: %v", err)
	}
	changed := bytes.Clone(second)
	changed[len(changed)-1] ^= 1
	if _, _, err := b.open(0, changed); !errors.Is(err, ErrProtocol) {
		t.Errorf("a changed one: %v", err)
	}
	if flags, plain, err := b.open(0, second); err != nil || flags != 0 || string(plain) != "two" {
		t.Errorf("second: flags %d, %q, %v", flags, plain, err)
	}
}

// TestKeysInFiles reads what the tools of ZeroMQ write.
func TestKeysInFiles(t *testing.T) {
	pair, err := NewKeyPair()
	if err != nil {
		t.Fatal(err)
	}
	if got := PublicOf(pair.Secret); got != pair.Public {
		t.Errorf("the public key is %s, want %s", got, pair.Public)
	}
	public, secret := pair.Public.String(), pair.Secret.String()
	for name, text := range map[string]string{
		"curve_keygen": "== CURVE PUBLIC KEY ==\n" + public + "\n\n== CURVE SECRET KEY ==\n" + secret + "\n",
		"zpl":          "metadata\n    name = \"x\"\ncurve\n    public-key = \"" + public + "\"\n    secret-key = \"" + secret + "\"\n",
	} {
		p, err := ParsePublicKey(text)
		s, err2 := ParseSecretKey(text)
		if err != nil || err2 != nil || p != pair.Public || s != pair.Secret {
			t.Errorf("%s: %v, %v", name, err, err2)
		}
	}
	onlyPublic := "curve\n    public-key = \"" + public + "\"\n"
	for _, text := range []string{"", "x", onlyPublic, "secret-key = \"short\""} {
		if _, err := ParseSecretKey(text); !errors.Is(err, ErrUsage) || strings.Contains(err.Error(), public) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
