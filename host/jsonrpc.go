package host

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// A message is a JSON-RPC 2.0 request, notification or answer.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

// An rpcError is the error of a JSON-RPC answer.
type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`

	Data json.RawMessage `json:"data,omitempty"`
}

// The codes of JSON-RPC 2.0 that matter here.
const (
	rpcNoMethod  = -32601
	rpcBadParams = -32602
)

func (e *rpcError) Error() string { return fmt.Sprintf("%s (JSON-RPC error %d)", e.Message, e.Code) }

func newRequest(id int64, method string, params any) (message, error) {
	raw, err := json.Marshal(params)
	return message{ID: strconv.AppendInt(nil, id, 10), Method: method, Params: raw}, err
}

// line is m as it is written. A message holds only valid JSON.
func line(m message) []byte {
	m.Version = "2.0"
	b, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Sprintf("host: message for %q: %v", m.Method, err))
	}
	return append(b, '\n')
}
