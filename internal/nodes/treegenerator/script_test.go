package treegenerator_test

import (
	"testing"

	"github.com/omninode-ai/onex/internal/nodes/treegenerator"
	"github.com/omninode-ai/onex/internal/scripttest"
)

func TestScripts(t *testing.T) { scripttest.Run(t, treegenerator.Commands, nil) }
