package rules

import (
	"context"
	"os"

	"github.com/omninode-ai/onex/lint"
	"github.com/omninode-ai/onex/stamp"
)

// Metadata returns the rule that holds the metadata of the files below root against
// their content, as onex check does. It reads them itself.
func Metadata(ctx context.Context, root *os.Root) *lint.Rule {
	return &lint.Rule{ID: "M001", Name: "metadata-current", Set: lint.Onex, Level: lint.Warning, Files: []string{"*"}, Doc: lint.Doc{
		Short: "a stamped file that changed after it was stamped",
		Why:   "Its block says who it is and when it changed; it is wrong now. onex stamp --write renews it. Files that nobody stamped are not spoken of: onex check does.",
		Bad:   "a file with a block, and a body that was edited since",
		Good:  "the same after onex stamp --write",
	}, Project: func(pass *lint.Pass) { metadata(ctx, root, pass) }}
}

func metadata(ctx context.Context, root *os.Root, pass *lint.Pass) {
	report, err := stamp.Check(ctx, root, nil)
	if err != nil {
		pass.Fail(err)
		return
	}
	stamped := report.Summary[stamp.OK]
	for _, found := range report.Files {
		f, ok := pass.Project.Lookup(found.Path)
		switch {
		case found.State == stamp.Unstamped || found.State == stamp.Skipped || found.State == stamp.OK:
			continue
		case !ok:
			f = lint.NewFile(found.Path, "")
		}
		stamped++
		offset := -1
		if found.Line > 0 {
			offset = f.Offset(found.Line, found.Column)
		}
		pass.Report(f, offset, "%s", found.Message)
	}
	if stamped == 0 {
		pass.Idle()
	}
}
