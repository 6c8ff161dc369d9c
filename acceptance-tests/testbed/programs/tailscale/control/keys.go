package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const defaultKeyLife = 90 * 24 * time.Hour

// capabilities is what a key allows, as the API has it.
type capabilities struct {
	Devices struct {
		Create struct {
			Reusable      bool     `json:"reusable"`
			Ephemeral     bool     `json:"ephemeral"`
			Preauthorized bool     `json:"preauthorized"`
			Tags          []string `json:"tags"`
		} `json:"create"`
	} `json:"devices"`
}

func (t *tailnet) createKey(w http.ResponseWriter, r *http.Request, by grant) {
	var wanted struct {
		Capabilities  capabilities `json:"capabilities"`
		ExpirySeconds int64        `json:"expirySeconds"`
		Description   string       `json:"description"`
	}
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if tags := wanted.Capabilities.Devices.Create.Tags; !by.owns(tags) {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("requested tags %v are invalid or not permitted", tags))
		return
	}
	life := time.Duration(wanted.ExpirySeconds) * time.Second
	if life == 0 {
		life = defaultKeyLife
	}
	t.serial++
	k := &authKey{
		id: fmt.Sprintf("k%dCNTRL", t.serial), description: wanted.Description, capabilities: wanted.Capabilities,
		created: time.Now(), expires: time.Now().Add(life),
	}
	k.secret = secret("tskey-auth-" + k.id + "-")
	t.keys = append(t.keys, k)
	shown := k.shown()
	shown["key"] = k.secret
	answer(w, shown)
}

// shown is the key as the API shows it: the secret is in the answer to its creation alone.
func (k *authKey) shown() map[string]any {
	return map[string]any{
		"id": k.id, "keyType": "auth", "description": k.description, "capabilities": k.capabilities,
		"created": k.created.UTC().Format(time.RFC3339), "expires": k.expires.UTC().Format(time.RFC3339),
	}
}

func (t *tailnet) keyLocked(id string) *authKey {
	for _, k := range t.keys {
		if k.id == id && !k.revoked {
			return k
		}
	}
	return nil
}

func (t *tailnet) listKeys(w http.ResponseWriter, _ *http.Request, _ grant) {
	listed := []map[string]any{}
	for _, k := range t.keys {
		if !k.revoked {
			listed = append(listed, k.shown())
		}
	}
	answer(w, map[string]any{"keys": listed})
}

func (t *tailnet) getKey(w http.ResponseWriter, r *http.Request, _ grant) {
	if k := t.keyLocked(r.PathValue("id")); k != nil {
		answer(w, k.shown())
		return
	}
	refuse(w, http.StatusNotFound, "key not found")
}

func (t *tailnet) deleteKey(w http.ResponseWriter, r *http.Request, _ grant) {
	k := t.keyLocked(r.PathValue("id"))
	if k == nil {
		refuse(w, http.StatusNotFound, "key not found")
		return
	}
	k.revoked = true
}
