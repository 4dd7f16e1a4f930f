// A relying party on go-oidc and x/oauth2: it is given an issuer and its registration, nothing else.
//
// Speaks in lines of JSON with the test that holds the browser: writes the address to visit, reads the
// address that the browser came back to, writes what it found.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"log"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var lines = bufio.NewScanner(os.Stdin)

func hear(into any) {
	if !lines.Scan() {
		log.Fatal("nothing more to read")
	}
	must(json.Unmarshal(lines.Bytes(), into))
}

func say(value any) { must(json.NewEncoder(os.Stdout).Encode(value)) }

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func get[T any](value T, err error) T {
	must(err)
	return value
}

func userOf(ctx context.Context, provider *oidc.Provider, token *oauth2.Token) map[string]any {
	info := get(provider.UserInfo(ctx, oauth2.StaticTokenSource(token)))
	claims := map[string]any{}
	must(info.Claims(&claims))
	return claims
}

func main() {
	ctx := context.Background()
	var given struct {
		Issuer       string `json:"issuer"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		RedirectURI  string `json:"redirect_uri"`
	}
	hear(&given)

	provider := get(oidc.NewProvider(ctx, given.Issuer))
	client := oauth2.Config{
		ClientID:     given.ClientID,
		ClientSecret: given.ClientSecret,
		Endpoint:     provider.Endpoint(),
		RedirectURL:  given.RedirectURI,
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email"},
	}
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	say(map[string]any{
		"url": client.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)),
	})

	var back struct {
		Callback string `json:"callback"`
	}
	hear(&back)
	query := get(url.Parse(back.Callback)).Query()
	if query.Get("state") != state {
		log.Fatal("another state")
	}
	if query.Get("iss") != given.Issuer {
		log.Fatal("another issuer")
	}

	tokens := get(client.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(verifier)))
	raw, _ := tokens.Extra("id_token").(string)
	idToken := get(provider.Verifier(&oidc.Config{ClientID: given.ClientID}).Verify(ctx, raw))
	if idToken.Nonce != nonce {
		log.Fatal("another nonce")
	}
	user := userOf(ctx, provider, tokens)
	refreshed := get(client.TokenSource(ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token())
	say(map[string]any{
		"sub":            idToken.Subject,
		"user":           user,
		"rotated":        refreshed.RefreshToken != "" && refreshed.RefreshToken != tokens.RefreshToken,
		"refreshed_user": userOf(ctx, provider, refreshed),
	})
}
