package event

import (
	"encoding/json"

	"github.com/omninode-ai/onex/node"
)

func redactText(name, s string) string                              { return s }
func redactMember(name string, raw json.RawMessage) json.RawMessage { return raw }
func redactContract(c node.Contract) node.Contract                  { return c }
func redactTool(t node.Tool) node.Tool                              { return t }
func (c *codec) inspect(name string, raw json.RawMessage)           {}
