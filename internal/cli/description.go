package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/omninode-ai/onex/event"
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/internal/app"
	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/node"
	"github.com/omninode-ai/onex/parity"
)

// A Description is the output of "onex describe": a node or a tool, never both.
type Description struct {
	Source string           `json:"source"` // "live": asked of the registry just now
	Node   *NodeDescription `json:"node,omitempty"`
	Tool   *ToolDescription `json:"tool,omitempty"`
}

// A NodeDescription is all that the registry knows of one node.
type NodeDescription struct {
	NodeRow
	Description string         `json:"description"`
	TTLMS       int64          `json:"ttl_ms"`
	InFlight    int            `json:"in_flight"`
	Contract    *node.Contract `json:"contract,omitempty"`
	History     []Change       `json:"history,omitempty"`
	Receipt     *RunReceipt    `json:"parity_receipt,omitempty"`
}

// A RunReceipt is what the receipt of a node's parity run says, as allowed_signers
// here judge it; the registry has its own.
type RunReceipt struct {
	SignedBy string         `json:"signed_by"` // empty when the signature does not count here
	Refused  string         `json:"refused"`   // why it does not; empty when it does
	Receipt  parity.Receipt `json:"receipt"`
}

// receiptOf reads the receipt that a node announced; nil when there is none.
func receiptOf(cfg app.Config, n event.NodeEntry) *RunReceipt {
	if n.Receipt == "" {
		return nil
	}
	allowed, err := cfg.Keys.AllowedSigners()
	if err != nil {
		allowed = &sshsig.AllowedSigners{} // nobody
	}
	receipt, who, bad := parity.VerifyReceipt([]byte(n.Receipt), allowed)
	r := &RunReceipt{Receipt: receipt}
	if err == nil {
		err = bad
	}
	if err != nil {
		r.Refused = fault.ReportOf(err).Message
	} else {
		r.SignedBy = who.String()
	}
	return r
}

func (r *RunReceipt) text(w io.Writer) {
	by := "signed by " + r.SignedBy
	if r.Refused != "" {
		by = "not counted: " + r.Refused
	}
	fmt.Fprintf(w, "receipt      %s, %d examples on %s; %s\n", r.Receipt.Time.Format(time.RFC3339), r.Receipt.Examples, words(r.Receipt.Paths), by)
}

// A Change is one change of a node's status.
type Change struct {
	Time   time.Time   `json:"time"`
	From   node.Status `json:"from"` // empty: the node was new
	To     node.Status `json:"to"`
	Reason string      `json:"reason"`
}

// A ToolDescription is a tool's contract and who offers it.
type ToolDescription struct {
	Contract  node.Tool  `json:"contract"`
	Providers []Provider `json:"providers"`
	Promises  int        `json:"promises"`         // that are made under its name; more than one is a collision
	Routes    []Route    `json:"routes,omitempty"` // with --explain, in the first description of the tool
}

// A Route says why calls of a tool go to a node, or not.
type Route struct {
	NodeID  node.ID     `json:"node_id"`
	Name    node.Name   `json:"name"`
	Version string      `json:"version"`
	Status  node.Status `json:"status"`
	Routed  bool        `json:"routed"`
	Why     string      `json:"why"`
	Since   time.Time   `json:"since"`
}

// A Provider is a node that offers a tool.
type Provider struct {
	NodeID      node.ID          `json:"node_id"`
	Name        node.Name        `json:"name"`
	Version     string           `json:"version"`
	Incarnation node.Incarnation `json:"incarnation"`
	Status      node.Status      `json:"status"`
	Trust       node.Trust       `json:"trust_state"`
	InFlight    int              `json:"in_flight"`
	Since       time.Time        `json:"since"`
}

func toolDescription(t event.ToolEntry) *ToolDescription {
	d := &ToolDescription{Contract: t.Tool, Providers: []Provider{}}
	for _, p := range t.Providers {
		d.Providers = append(d.Providers, Provider{p.NodeID, p.Name, p.Version, p.Incarnation, p.Status, p.Trust, p.InFlight, p.Since})
	}
	return d
}

func nodeDescription(cfg app.Config, n event.NodeEntry, explain bool) *NodeDescription {
	d := &NodeDescription{
		NodeRow: rowOf(n), Description: n.Description,
		TTLMS: n.TTL.Milliseconds(), InFlight: n.InFlight, Contract: n.Contract,
		Receipt: receiptOf(cfg, n),
	}
	for _, c := range n.History {
		if explain {
			d.History = append(d.History, Change(c))
		}
	}
	return d
}

// Text shows the node or the tool.
func (d Description) Text(env *console.Env, w io.Writer) {
	if d.Tool != nil {
		d.Tool.text(env, w)
		return
	}
	d.Node.text(env, w)
}

func (n *NodeDescription) text(env *console.Env, w io.Writer) {
	fmt.Fprintf(w, "%s %s  %s since %s ago: %s\n", env.Paint(console.Bold, string(n.Name)), n.Version,
		statusWord(env, n.Status), ago(n.Since), n.Reason)
	if n.Description != "" {
		fmt.Fprintf(w, "%s\n", n.Description)
	}
	fmt.Fprintf(w, "\nnode id      %s\nincarnation  %d\nruntime      %s\ntrust        %s\nttl          %s\nin flight    %d\nrouted       %s\n",
		n.NodeID, n.Incarnation, n.Runtime, n.Trust, time.Duration(n.TTLMS)*time.Millisecond, n.InFlight, routed(n.Status))
	if n.Receipt != nil {
		n.Receipt.text(w)
	}
	if n.Contract != nil {
		fmt.Fprintln(w, "\ntools")
		for _, t := range n.Contract.Tools {
			fmt.Fprintf(w, "  %-24s %s\n", t.Name, t.Description)
		}
	}
	if len(n.History) > 0 {
		fmt.Fprintln(w, "\nhistory")
		for _, c := range n.History {
			what := fmt.Sprintf("%s → %s", orNew(c.From), c.To)
			if c.From == c.To {
				what = string(c.To) // its trust changed
			}
			fmt.Fprintf(w, "  %s  %s: %s\n", c.Time.Local().Format("15:04:05.000"), what, c.Reason)
		}
	}
}

func routed(s node.Status) string {
	if s.Routable() {
		return "yes: calls are sent to it"
	}
	return fmt.Sprintf("no: a node that is %s gets no calls", s)
}

func orNew(s node.Status) string {
	if s == "" {
		return "new"
	}
	return string(s)
}

func statusWord(env *console.Env, s node.Status) string {
	switch s {
	case node.Online:
		return env.Paint(console.Green, string(s))
	case node.Dead:
		return env.Paint(console.Red, string(s))
	case node.Suspect, node.Unverified:
		return env.Paint(console.Yellow, string(s))
	}
	return string(s)
}

func (t *ToolDescription) text(env *console.Env, w io.Writer) {
	c := t.Contract
	fmt.Fprintf(w, "%s  %s\n", env.Paint(console.Bold, string(c.Name)), c.Description)
	fmt.Fprintf(w, "\nidempotency  %s\neffects      %s\n", c.Idempotency, words(c.Effects))
	fmt.Fprintf(w, "\ninput\n%s\n\noutput\n%s\n", indent(indented(c.Input)), indent(indented(c.Output)))
	if len(c.Errors) > 0 {
		fmt.Fprintln(w, "\nerrors")
		for _, e := range c.Errors {
			fmt.Fprintf(w, "  %s  %s\n", e.Code, e.Description)
		}
	}
	if len(c.Examples) > 0 {
		fmt.Fprintf(w, "\nexample\n  onex invoke %s --args '%s'\n", c.Name, c.Examples[0].Input)
	}
	fmt.Fprintln(w, "\noffered by")
	for _, p := range t.Providers {
		fmt.Fprintf(w, "  %s %s  %s  %s\n", p.Name, p.Version, statusWord(env, p.Status), p.NodeID)
	}
	if t.Promises > 1 {
		fmt.Fprintf(w, "\n%s %d different promises are made under this name; calls go to the first\n", env.Paint(console.Yellow, "collision:"), t.Promises)
	}
	if len(t.Routes) > 0 {
		fmt.Fprintln(w, "\nrouted")
	}
	for _, r := range t.Routes {
		fmt.Fprintf(w, "  %s %s  %s for %s  %s\n", r.Name, r.Version, statusWord(env, r.Status), ago(r.Since), r.Why)
	}
}

func words[T ~string](list []T) string {
	if len(list) == 0 {
		return "none"
	}
	var b strings.Builder
	for i, v := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(v))
	}
	return b.String()
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }
