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

// ScenarioStarted says that an example is being executed.
type ScenarioStarted struct{ ScenarioRun }

// ScenarioPassed says that an example gave what is expected.
type ScenarioPassed struct {
	ScenarioRun
	ExecutionTimeMS float64
}

// ScenarioFailed says that an example gave something else.
type ScenarioFailed struct {
	ScenarioRun
	ExecutionTimeMS float64
	Reason          string       // required; the difference, for people
	Error           fault.Report // when it could not be executed at all
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

func (ScenarioStarted) Kind() Kind { return KindScenarioStarted }
func (ScenarioPassed) Kind() Kind  { return KindScenarioPassed }
func (ScenarioFailed) Kind() Kind  { return KindScenarioFailed }
func (ScenarioSummary) Kind() Kind { return KindScenarioSummary }

func (ScenarioStarted) payload() {}
func (ScenarioPassed) payload()  {}
func (ScenarioFailed) payload()  {}
func (ScenarioSummary) payload() {}
