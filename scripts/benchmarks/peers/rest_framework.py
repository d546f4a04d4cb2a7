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
from django.db import transaction  # noqa: E402
from django.db.models import Count, Q, Sum  # noqa: E402
from django.db.models.functions import Lower  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework import generics, pagination, serializers, views  # noqa: E402
from rest_framework.response import Response  # noqa: E402

Product, StockMovement = django_rows.make_models()


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


class BatchSerializer(serializers.Serializer):
    """New products."""

    items = ProductSerializer(many=True)

    def create(self, validated_data: dict[str, Any]) -> Any:
        """Store them."""
        rows = [Product(**item) for item in validated_data["items"]]
        return {"items": Product.objects.bulk_create(rows)}


class MovementSerializer(serializers.ModelSerializer):
    """A movement."""

    class Meta:
        model = StockMovement
        exclude = ("recorded_by",)
        read_only_fields = ("product", "stock_after")


class Pagination(pagination.LimitOffsetPagination):
    """OFFSET and COUNT."""

    default_limit = 50


class ProductList(generics.ListCreateAPIView):
    """List and create products."""

    serializer_class = ProductSerializer
    pagination_class = Pagination

    def get_queryset(self) -> Any:
        """Return those that are asked for."""
        query = self.request.query_params
        rows = Product.objects.order_by(Lower("name"), "id")
        for name in {"status", "category_id"}.intersection(query):
            rows = rows.filter(**{name: query[name]})
        if q := query.get("q"):
            rows = rows.filter(Q(name__icontains=q) | Q(sku__icontains=q))
        return rows


class ProductDetail(generics.RetrieveUpdateAPIView):
    """Read and change one product."""

    serializer_class = ProductSerializer
    queryset = Product.objects.all()

    def perform_update(self, serializer: Any) -> None:
        """Count the version."""
        version = serializer.instance.version + 1
        serializer.save(version=version, updated_at=timezone.now())


class ProductBatch(generics.CreateAPIView):
    """Create many products."""

    serializer_class = BatchSerializer


class MovementList(generics.CreateAPIView):
    """Record movements."""

    serializer_class = MovementSerializer

    @transaction.atomic
    def perform_create(self, serializer: Any) -> None:
        """Change the stock of the product."""
        rows = Product.objects.select_for_update()
        product = get_object_or_404(rows, id=self.kwargs["pk"])
        product.stock += serializer.validated_data["quantity"]
        product.version += 1
        product.save()
        serializer.save(product=product, stock_after=product.stock)


class Statistics(views.APIView):
    """Count products by status."""

    def get(self, request: Any) -> Response:
        """Answer."""
        rows = Product.objects.values("status").annotate(count=Count("*"), pieces=Sum("stock"))
        return Response(list(rows))


urlpatterns = [
    path("v1/products", ProductList.as_view()),
    path("v1/products/bulk", ProductBatch.as_view()),
    path("v1/products/<uuid:pk>", ProductDetail.as_view()),
    path("v1/products/<uuid:pk>/stock-movements", MovementList.as_view()),
    path("v1/statistics", Statistics.as_view()),
]
app = get_asgi_application()
