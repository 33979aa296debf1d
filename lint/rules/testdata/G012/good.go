package p

import (
	"context"

	"example.com/log"
)

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

func Old(ctx context.Context, flag string) error {
	ui.Warnf(context.Background(), "%s is deprecated", flag)
	log.G(context.TODO()).Info("old")
	return query(ctx, flag)
}
