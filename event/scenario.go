package event

import (
	"github.com/omninode-ai/onex/fault"
	"github.com/omninode-ai/onex/node"
)

// A ScenarioRun names one execution of one example of a contract.
type ScenarioRun struct {
	Node     node.Name
	Tool     node.ToolName
	Scenario string // required; its name
	Path     string // how it was executed: direct, cli, stdio, a bus, proxy
}

func (p *ScenarioRun) fields(c *codec) {
	text(c, "node_name", &p.Node, optional)
	text(c, "tool_name", &p.Tool, optional)
	text(c, "scenario", &p.Scenario, required)
	text(c, "path", &p.Path, optional)
}

// ScenarioStarted says that an example is being executed.
type ScenarioStarted struct{ ScenarioRun }

func (p ScenarioStarted) visit(c *codec) Payload {
	p.ScenarioRun.fields(c)
	return keep(c, p)
}

// ScenarioPassed says that an example gave what is expected.
type ScenarioPassed struct {
	ScenarioRun
	ExecutionTimeMS float64
}

func (p ScenarioPassed) visit(c *codec) Payload {
	p.ScenarioRun.fields(c)
	c.float("execution_time_ms", &p.ExecutionTimeMS, always)
	return keep(c, p)
}

// ScenarioFailed says that an example gave something else.
type ScenarioFailed struct {
	ScenarioRun
	ExecutionTimeMS float64
	Reason          string       // required; the difference, for people
	Error           fault.Report // when it could not be executed at all
}

func (p ScenarioFailed) visit(c *codec) Payload {
	p.ScenarioRun.fields(c)
	c.float("execution_time_ms", &p.ExecutionTimeMS, always)
	text(c, "reason", &p.Reason, required)
	c.report("error", &p.Error, optional)
	return keep(c, p)
}

// ScenarioSummary ends a series of scenarios.
type ScenarioSummary struct {
	Node            node.Name
	Passed          int
	Failed          int
	Skipped         int
	ExecutionTimeMS float64
	Receipt         string // hash of the signed receipt, if there is one
}

func (p ScenarioSummary) visit(c *codec) Payload {
	text(c, "node_name", &p.Node, optional)
	integer(c, "passed", &p.Passed, always)
	integer(c, "failed", &p.Failed, always)
	integer(c, "skipped", &p.Skipped, always)
	c.float("execution_time_ms", &p.ExecutionTimeMS, always)
	text(c, "receipt", &p.Receipt, optional)
	return keep(c, p)
}

func (ScenarioStarted) Kind() Kind { return KindScenarioStarted }
func (ScenarioPassed) Kind() Kind  { return KindScenarioPassed }
func (ScenarioFailed) Kind() Kind  { return KindScenarioFailed }
func (ScenarioSummary) Kind() Kind { return KindScenarioSummary }

func (ScenarioStarted) payload() {}
func (ScenarioPassed) payload()  {}
func (ScenarioFailed) payload()  {}
func (ScenarioSummary) payload() {}
