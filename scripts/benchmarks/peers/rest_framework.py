"""Django REST framework with generic views: no token, no log, no conditions."""

from typing import Any

from peers import django_rows

NO_ONE: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
django_rows.set_up(__name__, ("rest_framework",), REST_FRAMEWORK=NO_ONE)

from django.core.asgi import get_asgi_application  # noqa: E402  (after the settings)
from django.db.models.functions import Lower  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, pagination, serializers  # noqa: E402

Product = django_rows.make_model()


class PriceSerializer(serializers.Serializer):
    """Money."""

    amount_minor = serializers.IntegerField(source="price_minor")
    currency = serializers.CharField()


class ProductSerializer(serializers.ModelSerializer):
    """A product."""

    price = PriceSerializer(source="*")

    class Meta:
        model = Product
        exclude = ("price_minor", "currency")


class Pagination(pagination.LimitOffsetPagination):
    """OFFSET and COUNT."""

    default_limit = 50


class ProductList(generics.ListCreateAPIView):
    """List and create products."""

    serializer_class = ProductSerializer
    pagination_class = Pagination

    def get_queryset(self) -> Any:
        """Return those of a status."""
        status = self.request.query_params["status"]
        return Product.objects.filter(status=status).order_by(Lower("name"), "id")


class ProductDetail(generics.RetrieveAPIView):
    """Read one product."""

    serializer_class = ProductSerializer
    queryset = Product.objects.all()


urlpatterns = [
    path("v1/products", ProductList.as_view()),
    path("v1/products/<uuid:pk>", ProductDetail.as_view()),
]
app = get_asgi_application()
