package app

import (
	"path/filepath"

	"github.com/omninode-ai/onex/internal/atomicfile"
	"github.com/omninode-ai/onex/internal/plugin"
)

// Plugins finds the plugins of the project: in its directory, its onex.yaml, and
// the environment, whose entries are "KEY=value". Nothing is run.
func Plugins(p Project, environ []string) (*plugin.Registry, error) {
	o := plugin.Options{Root: p.Root, Data: p.DataDir, Environ: environ}
	text, err := atomicfile.ReadFile(filepath.Join(p.Root, ConfigFile))
	if err == nil {
		if o.Declared, err = plugin.ParseConfig(p.Root, ConfigFile, text); err != nil {
			return nil, err
		}
	}
	return plugin.Find(&o)
}
