// The page of the API: Swagger UI on our own document. What is tried out there is sent with the session's CSRF token.

const place = document.getElementById("api");

window.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  requestInterceptor(request) {
    request.headers["X-CSRFToken"] = place.dataset.token;
    return request;
  },
});
