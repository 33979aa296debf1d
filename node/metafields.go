package node

import "slices"

// A shape says how the scalars of a metadata field are read. Text is read as it
// is written, so that `hash: 0000` and `commit_hash: 123e4` stay what they are.
type shape func(d *decoder, v *value) *value

type metaField struct {
	key   string
	shape shape
}

// metaTable lists the fields of a metadata block that [Manifest] has no field of
// its own for, in the order of the format.
func metaTable() []metaField {
	tool := record(metaField{"type", asText}, metaField{"language", asText}, metaField{"line", asIs},
		metaField{"description", asText}, metaField{"inputs", texts}, metaField{"outputs", texts},
		metaField{"error_codes", texts}, metaField{"side_effects", texts})
	dependency := either(asText, record(metaField{"name", asText}, metaField{"type", asText}, metaField{"target", asText},
		metaField{"binding", asText}, metaField{"protocol_required", asText}, metaField{"optional", asIs},
		metaField{"description", asText}))
	port := record(metaField{"name", asText}, metaField{"schema_ref", asText}, metaField{"required", asIs},
		metaField{"format_hint", asText}, metaField{"description", asText})
	return []metaField{
		{"metadata_version", asText},
		{"protocol_version", asText},
		{"copyright", asText},
		{"schema_version", asText},
		{"created_at", asText},
		{"last_modified_at", asText},
		{"state_contract", asText},
		{"lifecycle", asText},
		{"hash", asText},
		{"entrypoint", either(asText, record(metaField{"type", asText}, metaField{"target", asText}))},
		{"runtime_language_hint", asText},
		{"namespace", either(asText, record(metaField{"value", asText}))},
		{"meta_type", asText},
		{"trust_score", asIs},
		{"capabilities", texts},
		{"protocols_supported", texts},
		{"base_class", texts},
		{"dependencies", listOf(dependency)},
		{"inputs", listOf(port)},
		{"outputs", listOf(port)},
		{"environment", texts},
		{"license", asText},
		{"signature_block", record(metaField{"signature", asText}, metaField{"algorithm", asText},
			metaField{"signed_by", asText}, metaField{"issued_at", asText})},
		{"x_extensions", mapOf(asIs)},
		{"testing", record(metaField{"canonical_test_case_ids", texts}, metaField{"required_ci_tiers", texts},
			metaField{"minimum_coverage_percentage", asIs})},
		{"os_requirements", texts},
		{"architectures", texts},
		{"container_image_reference", asText},
		{"compliance_profiles", texts},
		{"data_handling_declaration", record(metaField{"processes_sensitive_data", asIs},
			metaField{"data_residency_required", asText}, metaField{"data_classification", asText})},
		{"logging_config", record(metaField{"level", asText}, metaField{"format", asText}, metaField{"audit_events", texts})},
		{"source_repository", record(metaField{"url", asText}, metaField{"commit_hash", asText}, metaField{"path", asText})},
		{"tools", mapOf(tool)},
	}
}

func metaOrder(key string) int {
	return slices.IndexFunc(metaTable(), func(f metaField) bool { return f.key == key })
}

// metaFields returns fields that append what they read to out.
func (d *decoder) metaFields(out *[]Field) []field {
	var fields []field
	for _, f := range metaTable() {
		fields = append(fields, field{key: f.key, read: func(v *value) {
			*out = append(*out, Field{f.key, d.raw(f.shape(d, v))})
		}})
	}
	return fields
}

func asText(d *decoder, v *value) *value {
	out := v.like(text)
	out.text = d.text(v)
	return out
}

func asIs(_ *decoder, v *value) *value { return v }

func texts(d *decoder, v *value) *value { return listOf(asText)(d, v) }

func listOf(item shape) shape {
	return func(d *decoder, v *value) *value {
		out := v.like(list)
		d.each(v, func(i *value) { out.items = append(out.items, item(d, i)) })
		return out
	}
}

func mapOf(item shape) shape {
	return func(d *decoder, v *value) *value {
		out := v.like(object)
		if v.kind != object {
			d.fail(v, "must be an object, is %s", v.what())
		}
		for _, m := range v.members {
			out.put(m.key, item(d, m.value))
		}
		return out
	}
}

func record(members ...metaField) shape {
	return func(d *decoder, v *value) *value {
		out := v.like(object)
		var fields []field
		for _, m := range members {
			fields = append(fields, field{key: m.key, read: func(v *value) { out.put(m.key, m.shape(d, v)) }})
		}
		d.object(v, fields...)
		return out
	}
}

// either reads a short form as scalar and any other value as long.
func either(scalar, long shape) shape {
	return func(d *decoder, v *value) *value {
		if v.kind == text || v.kind == plain {
			return scalar(d, v)
		}
		return long(d, v)
	}
}
