package release

import (
	"cmp"
	"encoding/json"
	"io"
	"runtime/debug"
	"slices"
)

// The document is of CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/.
const (
	sbomFormat  = "CycloneDX"
	sbomVersion = "1.6"
)

type sbom struct {
	Format     string      `json:"bomFormat"`
	Version    string      `json:"specVersion"`
	Number     int         `json:"version"`
	Metadata   sbomSubject `json:"metadata"`
	Components []component `json:"components"`
}

type sbomSubject struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	URL        string     `json:"purl"`
	Hashes     []checksum `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type checksum struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// WriteBOM writes the bill of materials of a binary: what its build information
// says is linked into it, and the settings it was built with. sha256 is the
// binary's, in hexadecimal. The same binary gives the same bytes: there is no
// time and no serial number in it.
func WriteBOM(w io.Writer, info *debug.BuildInfo, version, sha256 string) error {
	program := module("application", info.Main.Path, version)
	program.Hashes = []checksum{{"SHA-256", sha256}}
	program.Properties = append(program.Properties, property{"go:version", info.GoVersion})
	for _, s := range info.Settings {
		program.Properties = append(program.Properties, property{"go:build:" + s.Key, s.Value})
	}
	doc := sbom{Format: sbomFormat, Version: sbomVersion, Number: 1, Metadata: sbomSubject{program}, Components: []component{}}
	for _, dep := range info.Deps {
		if dep.Replace != nil {
			dep = dep.Replace
		}
		c := module("library", dep.Path, dep.Version)
		c.Properties = []property{{"go:sum", dep.Sum}}
		doc.Components = append(doc.Components, c)
	}
	doc.Components = append(doc.Components, module("library", "std", info.GoVersion))
	slices.SortFunc(doc.Components, func(a, b component) int { return cmp.Compare(a.Ref, b.Ref) })
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

func module(kind, path, version string) component {
	url := "pkg:golang/" + path + "@" + version
	return component{Type: kind, Ref: url, Name: path, Version: version, URL: url}
}
