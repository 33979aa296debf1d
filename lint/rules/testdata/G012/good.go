package p

import "context"

func Get(ctx context.Context, id string) error {
	defer stop(context.Background())
	go watch(context.Background())
	if ctx == nil {
		ctx = context.Background()
	}
	clean, cancel := context.WithTimeout(context.Background(), 1)
	defer cancel()
	return query(ctx, clean)
}

func New(id string) error { return query(context.Background(), id) }
