package game;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.context.WebServerInitializedEvent;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.handler.annotation.DestinationVariable;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.SimpMessageType;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.config.ChannelRegistration;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.messaging.support.ChannelInterceptor;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;

/**
 * Guests without accounts, rooms by a join code, and Spring's simple broker: what a room hears is the state of all its
 * players, never a text. No ids, no receipts, no history. OWN_MUTANT breaks it in one place: "forgets" (of those who only
 * listen every second one hears nothing), "repeats" (each state is broadcast twice), "strays" (it goes to all other rooms, too).
 */
@SpringBootApplication
public class Game {
  public static void main(String[] args) {
    SpringApplication.run(Game.class, args);
  }

  @EventListener
  void ready(WebServerInitializedEvent event) {
    System.out.println("http://127.0.0.1:" + event.getWebServer().getPort());
  }
}

@Configuration
@EnableWebSocketMessageBroker
class Broker implements WebSocketMessageBrokerConfigurer {
  private final Forgetful forgetful = new Forgetful();

  @Override
  public void registerStompEndpoints(StompEndpointRegistry registry) {
    registry.addEndpoint("/ws").setAllowedOriginPatterns("*").withSockJS();
  }

  @Override
  public void configureMessageBroker(MessageBrokerRegistry registry) {
    registry.enableSimpleBroker("/topic");
    registry.setApplicationDestinationPrefixes("/app");
  }

  @Override
  public void configureClientOutboundChannel(ChannelRegistration registration) {
    if (Mutant.is("forgets")) registration.interceptors(forgetful);
  }

  @Override
  public void configureClientInboundChannel(ChannelRegistration registration) {
    if (Mutant.is("forgets")) registration.interceptors(forgetful.senders());
  }
}

final class Mutant {
  private Mutant() {}

  static boolean is(String name) {
    return name.equals(System.getenv("OWN_MUTANT"));
  }
}

/** Of the sessions that send nothing every second one hears nothing. */
class Forgetful implements ChannelInterceptor {
  private final Set<String> senders = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> listeners = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  @Override
  public Message<?> preSend(Message<?> message, MessageChannel channel) {
    var headers = message.getHeaders();
    String session = SimpMessageHeaderAccessor.getSessionId(headers);
    if (session == null || SimpMessageHeaderAccessor.getMessageType(headers) != SimpMessageType.MESSAGE) return message;
    if (senders.contains(session)) return message;
    return listeners.computeIfAbsent(session, (id) -> count.incrementAndGet()) % 2 == 1 ? message : null;
  }

  /** Notes who sends. */
  ChannelInterceptor senders() {
    return new ChannelInterceptor() {
      @Override
      public Message<?> preSend(Message<?> message, MessageChannel channel) {
        var headers = message.getHeaders();
        String session = SimpMessageHeaderAccessor.getSessionId(headers);
        if (session != null && SimpMessageHeaderAccessor.getMessageType(headers) == SimpMessageType.MESSAGE)
          senders.add(session);
        return message;
      }
    };
  }
}

@Controller
class Rooms {
  record Host(String hostName) {}

  record Player(String playerName) {}

  record Ready(String playerName, boolean isReady) {}

  record Seat(String name, boolean ready, int round) {}

  record State(List<Seat> data) {}

  record Opened(String joinCode) {}

  private final Map<String, Map<String, Seat>> rooms = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final SimpMessagingTemplate broker;

  Rooms(SimpMessagingTemplate broker) {
    this.broker = broker;
  }

  @GetMapping("/alive")
  @ResponseBody
  String alive() {
    return "yes";
  }

  @PostMapping("/rooms")
  @ResponseBody
  Opened open(@RequestBody Host host) {
    String code = Integer.toString(60466176 + count.incrementAndGet(), 36);
    rooms.put(code, new LinkedHashMap<>(Map.of(host.hostName(), new Seat(host.hostName(), false, 0))));
    return new Opened(code);
  }

  @PostMapping("/rooms/{code}")
  @ResponseBody
  State join(@PathVariable String code, @RequestBody Player player) {
    Map<String, Seat> room = rooms.get(code);
    if (room == null) throw new ResponseStatusException(HttpStatus.NOT_FOUND);
    synchronized (room) {
      room.put(player.playerName(), new Seat(player.playerName(), false, 0));
      return state(room);
    }
  }

  @MessageMapping("/room/{code}/ready")
  void ready(@DestinationVariable String code, @Payload Ready ready) {
    Map<String, Seat> room = rooms.get(code);
    if (room == null) return;
    synchronized (room) {
      Seat seat = room.get(ready.playerName());
      if (seat == null) return;
      room.put(seat.name(), new Seat(seat.name(), ready.isReady(), seat.round() + 1));
      broadcast(code, state(room));
    }
  }

  private void broadcast(String code, State state) {
    broker.convertAndSend("/topic/room/" + code, state);
    if (Mutant.is("repeats")) broker.convertAndSend("/topic/room/" + code, state);
    if (!Mutant.is("strays")) return;
    for (String other : rooms.keySet())
      if (!other.equals(code)) broker.convertAndSend("/topic/room/" + other, state);
  }

  private static State state(Map<String, Seat> room) {
    return new State(new ArrayList<>(room.values()));
  }
}
