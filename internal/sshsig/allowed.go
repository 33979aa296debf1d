package sshsig

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// maxAllowed bounds an allowed_signers file: ten thousand keys of a hundred bytes.
const maxAllowed = 1 << 20

// AllowedSigners says whose signatures count, and for what.
type AllowedSigners struct{ lines []allowedLine }

// allowedLine is one line of the file.
type allowedLine struct {
	number     int
	principals string // a pattern list
	key        ssh.PublicKey
	authority  bool   // key signs the certificates of signers
	namespaces string // a pattern list; empty: any
	after      time.Time
	before     time.Time
}

// ReadAllowedSigners reads the file at path. It returns [ErrNoAllowedSigners] when
// there is none, and what [ParseAllowedSigners] returns.
func ReadAllowedSigners(path string) (*AllowedSigners, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoAllowedSigners.With("%s", path)
	}
	if err != nil {
		return nil, ErrAllowedSigners.Wrap(err, "%s", path)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAllowed+1))
	if err != nil {
		return nil, ErrAllowedSigners.Wrap(err, "%s", path)
	}
	return ParseAllowedSigners(data)
}

// ParseAllowedSigners reads a file in the format of ssh-keygen(1), ALLOWED SIGNERS.
// Times without a Z are in the local time zone, as there. Any line that it does not
// understand, up to the last option, is [ErrAllowedSigners] with its number.
func ParseAllowedSigners(data []byte) (*AllowedSigners, error) {
	if len(data) > maxAllowed {
		return nil, ErrAllowedSigners.With("more than %d bytes", maxAllowed)
	}
	a := &AllowedSigners{}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		l, err := parseLine(text)
		if err != nil {
			return nil, ErrAllowedSigners.With("line %d: %v", number, err)
		}
		l.number = number
		a.lines = append(a.lines, l)
	}
	return a, nil
}

func parseLine(text string) (allowedLine, error) {
	principals, rest, err := cutPrincipals(text)
	if err != nil {
		return allowedLine{}, err
	}
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil {
		return allowedLine{}, errors.New("no key after the principals, or none of a known kind")
	}
	if _, cert := key.(*ssh.Certificate); cert {
		return allowedLine{}, errors.New("a certificate stands for the key; list the key of its authority, with cert-authority")
	}
	if formats(key.Type()) == nil {
		return allowedLine{}, errors.New("keys of kind " + key.Type() + " are not accepted")
	}
	l := allowedLine{principals: principals, key: key}
	for _, o := range options {
		if err := l.option(o); err != nil {
			return allowedLine{}, err
		}
	}
	return l, nil
}

// cutPrincipals splits the first field off, which may be quoted.
func cutPrincipals(text string) (principals, rest string, err error) {
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		principals, rest, ok = strings.Cut(quoted, `"`)
		if !ok {
			return "", "", errors.New("the quote of the principals is not closed")
		}
	} else if i := strings.IndexAny(text, " \t"); i > 0 {
		principals, rest = text[:i], text[i:]
	}
	if rest = strings.TrimSpace(rest); principals == "" || rest == "" {
		return "", "", errors.New("principals and a key are expected")
	}
	return principals, rest, nil
}

func (l *allowedLine) option(text string) error {
	name, value, valued := strings.Cut(text, "=")
	name = strings.ToLower(name)
	if name == "cert-authority" && !valued {
		l.authority = true
		return nil
	}
	unquoted, quoted := strings.CutPrefix(value, `"`)
	unquoted, closed := strings.CutSuffix(unquoted, `"`)
	if !quoted || !closed {
		return errors.New("option " + name + " is unknown, or its value is not in quotes")
	}
	switch name {
	case "namespaces":
		if unquoted == "" || l.namespaces != "" {
			return errors.New("namespaces is empty, or there twice")
		}
		l.namespaces = unquoted
		return nil
	case "valid-after":
		return setTime(&l.after, name, unquoted)
	case "valid-before":
		return setTime(&l.before, name, unquoted)
	}
	return errors.New("unknown option " + name)
}

// setTime reads a time as YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC.
func setTime(t *time.Time, name, text string) error {
	digits, utc := strings.CutSuffix(text, "Z")
	zone := time.Local
	if utc {
		zone = time.UTC
	}
	layout := map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"}[len(digits)]
	parsed, err := time.ParseInLocation(layout, digits, zone)
	if layout == "" || err != nil || !t.IsZero() {
		return errors.New(name + " is there twice, or not a time like 20261231 or 202612312359Z: " + text)
	}
	*t = parsed
	return nil
}
