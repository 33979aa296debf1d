package rules

import "github.com/omninode-ai/onex/lint"

func goRules() []*lint.Rule { return nil }
