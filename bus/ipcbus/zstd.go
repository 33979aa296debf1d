package ipcbus

import (
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/omninode-ai/onex/event"
)

// Encoders and decoders are large, and few programs need one. Both serve any
// number of goroutines and fail on bad options only.
var (
	encoder = sync.OnceValue(func() *zstd.Encoder {
		e, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
		return e
	})
	decoder = sync.OnceValue(func() *zstd.Decoder {
		d, _ := zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(event.MaxSize))
		return d
	})
)

// decompress refuses what would be larger than an event may be.
func decompress(text []byte) ([]byte, error) {
	plain, err := decoder().DecodeAll(text, nil)
	if err != nil {
		return nil, ErrFrame.Wrap(err, "compressed event of %d bytes", len(text))
	}
	return plain, nil
}
