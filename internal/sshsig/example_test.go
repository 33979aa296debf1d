package sshsig_test

import (
	"fmt"
	"os"

	"github.com/omninode-ai/onex/internal/sshsig"
)

func ExampleAllowedSigners_Verify() {
	allowed, err := sshsig.ReadAllowedSigners("testdata/vectors/allowed_signers")
	if err != nil {
		fmt.Println(err)
		return
	}
	signature, err := os.ReadFile("testdata/vectors/ed25519.sig")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(allowed.Verify([]byte("what is signed\n"), signature, sshsig.Manifest, nil))
	_, err = allowed.Verify([]byte("what is signed, changed\n"), signature, sshsig.Manifest, nil)
	fmt.Println(err)
	// Output:
	// ed25519@example.com <nil>
	// the signature does not fit the document: signed by SHA256:UevtYKcC713zmsTF8WEATCPoaGSA0H42EYWyL2xyy14
}
