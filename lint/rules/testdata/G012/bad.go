package p

import "context"

func Get(ctx context.Context, id string) error {
	return query(context.Background(), id) // want "ctx is at hand"
}
