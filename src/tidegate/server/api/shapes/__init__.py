"""The shapes of requests and answers, as the OpenAPI document tells of them."""
