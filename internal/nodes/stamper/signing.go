package stamper

import (
	"context"
	"fmt"
	"os"

	"github.com/omninode-ai/onex/internal/console"
	"github.com/omninode-ai/onex/internal/sshsig"
	"github.com/omninode-ai/onex/stamp"
)

// verifier returns what verifies a statement by the allowed_signers of the project,
// which are read when there is something to verify.
func verifier(env *console.Env) func(statement, signature []byte) (string, error) {
	return func(statement, signature []byte) (string, error) {
		keys, err := env.Keys()
		if err != nil {
			return "", err
		}
		allowed, err := keys.AllowedSigners()
		if err != nil {
			return "", err
		}
		who, err := allowed.Verify(statement, signature, sshsig.Manifest, nil)
		return who.String(), err
	}
}

// stampAndSign stamps everything, and signs it if all is in order then. The key is
// looked for first, so that nothing is written without it.
func stampAndSign(ctx context.Context, env *console.Env, root *os.Root, o *stamp.Options, view planned, format checkFormat) error {
	keys, err := env.Keys()
	if err != nil {
		return err
	}
	signer, err := keys.Signer(ctx)
	if err != nil {
		return err
	}
	plan, err := stamp.Make(ctx, root, o)
	if err != nil {
		return err
	}
	if err := printStamp(ctx, env, plan, view, format); err != nil {
		return err
	}
	return sign(ctx, env, root, o, keys, signer)
}

// sign signs the project. A statement that is the same and signed by the same key
// stays.
func sign(ctx context.Context, env *console.Env, root *os.Root, o *stamp.Options, keys sshsig.Keys, signer *sshsig.Signer) error {
	o.Verify = func(statement, signature []byte) (string, error) {
		parsed, err := sshsig.Parse(signature)
		if err == nil && parsed.Fingerprint() != signer.Fingerprint() {
			err = sshsig.ErrUnknownSigner.With("it is by %s", parsed.Fingerprint())
		}
		if err != nil {
			return "", err
		}
		return verifier(env)(statement, signature)
	}
	fresh, err := stamp.Sign(ctx, root, o, func(statement []byte) ([]byte, error) {
		return signer.Sign(ctx, sshsig.Manifest, statement)
	})
	if err != nil {
		return err
	}
	if !fresh {
		env.Note("%s is signed already", stamp.StatementFile)
		return nil
	}
	env.Note("signed %s by %s", stamp.StatementFile, signer.Fingerprint())
	return warnUnlisted(env, root, keys, signer)
}

// warnUnlisted says how others come to take the signature, if they do not yet.
func warnUnlisted(env *console.Env, root *os.Root, keys sshsig.Keys, signer *sshsig.Signer) error {
	statement, err := root.ReadFile(stamp.StatementFile)
	if err != nil {
		return err
	}
	signature, err := root.ReadFile(stamp.SignatureFile)
	if err != nil {
		return err
	}
	if _, err := verifier(env)(statement, signature); err != nil {
		env.Warn("%v", err)
		env.Note("hint: for others to take the signature, add to %s:\n    %s", keys.Allowed, signer.AllowedLine("NAME@EXAMPLE.COM"))
	}
	return nil
}

// attest prints the statement about the project.
func attest(ctx context.Context, env *console.Env, root *os.Root, o *stamp.Options) error {
	text, err := stamp.Attest(ctx, root, o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Out, "%s", text)
	return err
}
