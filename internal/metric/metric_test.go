package metric_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/omninode-ai/onex/internal/metric"
)

// TestWriteIsPrometheus holds that Prometheus' own parser reads what we write as
// what we mean.
func TestWriteIsPrometheus(t *testing.T) {
	h := metric.Vector{Family: metric.Family{Name: "onex_call_seconds", Help: `how "long"` + "\n" + `it \ took`, Bounds: []float64{0.1, 1}}, Labels: []string{"tool"}}
	for _, v := range []float64{0.05, 0.1, 0.5, 3} {
		h.Observe(v, "gr\"e\\e\nt")
	}
	var out bytes.Buffer
	err := metric.Write(&out, []metric.Family{
		{Name: "onex_calls_total", Help: "calls", Type: metric.Counter, Samples: []metric.Sample{{Value: 3}, {Value: 4, Labels: []metric.Label{{Name: "a", Value: "b"}, {Name: "c", Value: "\xff"}}}}},
		{Name: "onex_nothing", Type: metric.Gauge},
		h.Collect(),
	})
	if err != nil {
		t.Fatal(err)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(&out)
	if err != nil {
		t.Fatal(err)
	}
	if len(families) != 2 || families["onex_calls_total"].GetMetric()[1].GetCounter().GetValue() != 4 {
		t.Errorf("read as %v", families)
	}
	got := families["onex_call_seconds"]
	m := got.GetMetric()[0]
	if got.GetHelp() != `how "long"`+"\n"+`it \ took` || m.GetLabel()[0].GetValue() != "gr\"e\\e\nt" {
		t.Errorf("texts are read as %q, %v", got.GetHelp(), m.GetLabel())
	}
	var counts []uint64
	for _, b := range m.GetHistogram().GetBucket() {
		counts = append(counts, b.GetCumulativeCount())
	}
	if s := m.GetHistogram(); fmt.Sprint(counts) != "[2 3 4]" || s.GetSampleCount() != 4 || s.GetSampleSum() != 3.65 {
		t.Errorf("buckets %v, count %d, sum %v", counts, s.GetSampleCount(), s.GetSampleSum())
	}
}

// TestAVectorIsBounded holds that labels which never repeat cost no memory
// without end.
func TestAVectorIsBounded(t *testing.T) {
	v := metric.Vector{Family: metric.Family{Name: "onex_x"}, Labels: []string{"a", "b"}}
	for i := range 1000 {
		v.Observe(1, fmt.Sprint(i), "x")
	}
	f := v.Collect()
	var sum uint64
	for _, s := range f.Samples {
		sum += s.Count
	}
	if last := f.Samples[len(f.Samples)-1]; len(f.Samples) != 201 || sum != 1000 || last.Labels[0].Value != "other" || last.Count != 800 {
		t.Errorf("%d series of %d observations, the last %+v", len(f.Samples), sum, last)
	}
}
