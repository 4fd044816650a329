// Makes the calls that standard input lists as JSON through the generated client, and prints their outcomes as JSON.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"reflect"
	"strings"
	"unicode"

	"questioncloud.example/client/generated"
)

type call struct {
	Operation string          `json:"operation"`
	Token     string          `json:"token"`
	Arguments json.RawMessage `json:"arguments"`
}

type outcome struct {
	Operation string `json:"operation"`
	Status    int    `json:"status"`
	Parsed    any    `json:"parsed"`
}

func main() {
	var calls []call
	if err := json.NewDecoder(os.Stdin).Decode(&calls); err != nil {
		log.Fatal(err)
	}
	client, err := generated.NewClientWithResponses(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	methods := methodsByOperation(reflect.ValueOf(client))
	outcomes := []outcome{}
	for _, each := range calls {
		if method, known := methods[each.Operation]; known {
			outcomes = append(outcomes, makeCall(each, method))
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		log.Fatal(err)
	}
}

// The operation ids in lower case without signs, which is what all generators leave of them.
func methodsByOperation(client reflect.Value) map[string]reflect.Value {
	methods := map[string]reflect.Value{}
	for i := 0; i < client.NumMethod(); i++ {
		name, typed := strings.CutSuffix(client.Type().Method(i).Name, "WithResponse")
		if typed && !strings.HasSuffix(name, "WithBody") {
			methods[strings.ToLower(name)] = client.Method(i)
		}
	}
	return methods
}

func makeCall(each call, method reflect.Value) outcome {
	argument := reflect.New(method.Type().In(1))
	decoder := json.NewDecoder(bytes.NewReader(each.Arguments))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(argument.Interface()); err != nil {
		log.Fatalf("%s: %v", each.Operation, err)
	}
	authorize := generated.RequestEditorFn(func(_ context.Context, request *http.Request) error {
		if each.Token != "" {
			request.Header.Set("Authorization", "Bearer "+each.Token)
		}
		return nil
	})
	results := method.Call([]reflect.Value{
		reflect.ValueOf(context.Background()), argument.Elem(), reflect.ValueOf(authorize),
	})
	if err, failed := results[1].Interface().(error); failed {
		log.Fatalf("%s: %v", each.Operation, err)
	}
	response := results[0].Elem()
	status := response.FieldByName("HTTPResponse").Interface().(*http.Response).StatusCode
	return outcome{each.Operation, status, parsed(response)}
}

// The answer or refusal for which the client has a type.
func parsed(response reflect.Value) any {
	for i := 0; i < response.NumField(); i++ {
		name := response.Type().Field(i).Name
		isTyped := strings.HasPrefix(name, "JSON") && unicode.IsDigit(rune(name[len("JSON")]))
		if isTyped && !response.Field(i).IsNil() {
			return response.Field(i).Interface()
		}
	}
	return nil
}
