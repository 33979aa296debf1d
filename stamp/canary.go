package stamp

import (
	"embed"
	"os"

	"github.com/omninode-ai/onex/filetype"
)

// A Sample is a file that a file type must be able to stamp: a small one with
// everything in it that is easily broken.
type Sample struct {
	Path string // by which the type is found
	Text string
}

// samples has one file for each type of filetype.Standard, by its name.
//
//go:embed canary
var samples embed.FS

// Canary rehearses stamping on the sample of each of the types, in memory; see
// [Rehearse] for what a sample has to stand. Samples of the standard types are built
// in; more, or others, are in extra by the name of the type. The first type that fails
// is an [ErrCanary], one without a sample an [ErrNoCanary]; the rehearsals up to then
// are returned in any case.
func Canary(types *filetype.Set, extra map[string]Sample) ([]Rehearsal, error) {
	var done []Rehearsal
	for _, t := range types.Types() {
		s, ok := extra[t.Name]
		if !ok {
			text, err := samples.ReadFile("canary/" + t.Name)
			if err != nil {
				return done, ErrNoCanary.With("%s", t.Name).Detail("type", t.Name)
			}
			s = Sample{samplePath(t), string(text)}
		}
		r := Rehearse(types, t, s)
		if done = append(done, r); r.Err() != nil {
			return done, failedCanary(t, s, r)
		}
	}
	return done, nil
}

// rehearse rehearses the canaries, then the Cases.
func (o *Options) rehearse() ([]Rehearsal, error) {
	done, err := Canary(o.Types, o.Samples)
	for _, s := range o.Cases {
		if err != nil {
			break
		}
		t, ok := o.Types.Find(s.Path, []byte(s.Text))
		if !ok {
			return done, ErrNoType.With("%s", s.Path)
		}
		if stripped, stripErr := t.Strip([]byte(s.Text)); stripErr == nil {
			s.Text = string(stripped)
		}
		r := Rehearse(o.Types, t, s)
		if done = append(done, r); r.Err() != nil {
			err = failedCanary(t, s, r)
		}
	}
	return done, err
}

func failedCanary(t *filetype.Type, s Sample, r Rehearsal) error {
	return ErrCanary.Wrap(r.Err(), "%s", t.Name).Detail("type", t.Name).Detail("step", string(r.Failed)).Detail("canary", s.Path)
}

// Rehearsals rehearses the canaries of the project at root, those of its onex.yaml,
// and the Plugins and Cases of in included, or with Paths these files, as they would be
// without their blocks. A file that no type handles is an [ErrNoType]. It writes
// nothing.
func Rehearsals(root *os.Root, in *Options) ([]Rehearsal, error) {
	o := in.orDefault()
	if err := o.configure(root); err != nil {
		return nil, err
	}
	if len(o.Paths) == 0 {
		if err := o.loadSamples(root); err != nil {
			return nil, err
		}
		return o.rehearse()
	}
	var done []Rehearsal
	for _, name := range o.Paths {
		text, err := root.ReadFile(name)
		if err != nil {
			return nil, ErrRead.Wrap(err, "%s", name)
		}
		t, ok := o.Types.Find(name, text)
		if !ok {
			return nil, ErrNoType.With("%s", name)
		}
		if stripped, err := t.Strip(text); err == nil {
			text = stripped
		}
		done = append(done, Rehearse(o.Types, t, Sample{name, string(text)}))
	}
	return done, nil
}

func samplePath(t *filetype.Type) string {
	switch {
	case len(t.Filenames) > 0:
		return t.Filenames[0]
	case len(t.Extensions) > 0:
		return "canary" + t.Extensions[0]
	}
	return "canary"
}
